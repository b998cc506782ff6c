"""MNIST itself.

Sizes and hashes of the .gz files are those of TensorFlow Datasets' url_checksums and of
the files themselves; those of the raw bytes were computed from the verified .gz files.
"""

from types import MappingProxyType

from mnistry.data.catalog.rows import Dataset, Split, gzipped

DIGITS = tuple("0123456789")

# Who wrote the images: SHA-256 of NIST's numbers of the writers, in the order of the
# images, as an IDX file of int32. Computed from the lists that QMNIST published (Yadav
# and Bottou 2019, arXiv:1905.10498): 539 people wrote train, 297 others test.
WRITERS = MappingProxyType(
    {
        "train": "67a6ce2bba610243ffd8c8b01a10f1911d3639fc9b8f5a0731c69740c993597c",
        "test": "6e3f220965195b6d5e56fa78bd387b79a515a92eb52a8a04cfd0f7f95eaa73fc",
    }
)

MNIST = Dataset(
    name="mnist",
    title="MNIST handwritten digits",
    splits=MappingProxyType(
        {
            "train": Split(
                images=gzipped(
                    "train-images-idx3-ubyte.gz",
                    9_912_422,
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                ),
                labels=gzipped(
                    "train-labels-idx1-ubyte.gz",
                    28_881,
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                ),
            ),
            "test": Split(
                images=gzipped(
                    "t10k-images-idx3-ubyte.gz",
                    1_648_877,
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                ),
                labels=gzipped(
                    "t10k-labels-idx1-ubyte.gz",
                    4_542,
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                ),
            ),
        }
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
        "https://azureopendatastorage.blob.core.windows.net/mnist/",
    ),
    classes=DIGITS,
    licence="CC BY-SA 3.0 (as Keras and others state; the original page names none)",
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to"
        " document recognition. Proceedings of the IEEE 86(11):2278-2324, 1998."
        " doi:10.1109/5.726791"
    ),
    homepage="https://github.com/cvdfoundation/mnist",
)
