"""Fashion-MNIST, KMNIST, QMNIST and USPS.

Hashes are TensorFlow Datasets' url_checksums (SHA-256) and torchvision's (MD5), the
former checked against the files where they could be had; None was not published.
"""

from types import MappingProxyType

from mnistry.data.catalog.mnist import DIGITS
from mnistry.data.catalog.rows import Dataset, File, Split, gzipped

IMAGES_60K, LABELS_60K = 16 + 28 * 28 * 60_000, 8 + 60_000  # header and elements
IMAGES_10K, LABELS_10K = 16 + 28 * 28 * 10_000, 8 + 10_000

FASHION_MNIST = Dataset(
    name="fashion-mnist",
    title="Fashion-MNIST: 70,000 pictures of clothes",
    splits=MappingProxyType(
        {
            "train": Split(
                images=gzipped(
                    "train-images-idx3-ubyte.gz",
                    26_421_880,
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    IMAGES_60K,
                ),
                labels=gzipped(
                    "train-labels-idx1-ubyte.gz",
                    29_515,
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    LABELS_60K,
                ),
            ),
            "test": Split(
                images=gzipped(
                    "t10k-images-idx3-ubyte.gz",
                    4_422_102,
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    IMAGES_10K,
                ),
                labels=gzipped(
                    "t10k-labels-idx1-ubyte.gz",
                    5_148,
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                    LABELS_10K,
                ),
            ),
        }
    ),
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    licence="MIT (Zalando SE, 2017)",
    citation="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST. 2017. arXiv:1708.07747",
    homepage="https://github.com/zalandoresearch/fashion-mnist",
)

KMNIST = Dataset(
    name="kmnist",
    title="KMNIST: 70,000 cursive Japanese characters",
    splits=MappingProxyType(
        {
            "train": Split(
                images=gzipped(
                    "train-images-idx3-ubyte.gz",
                    18_165_135,
                    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                    IMAGES_60K,
                ),
                labels=gzipped(
                    "train-labels-idx1-ubyte.gz",
                    29_497,
                    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                    LABELS_60K,
                ),
            ),
            "test": Split(
                images=gzipped(
                    "t10k-images-idx3-ubyte.gz",
                    3_041_136,
                    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                    IMAGES_10K,
                ),
                labels=gzipped(
                    "t10k-labels-idx1-ubyte.gz",
                    5_120,
                    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
                    LABELS_10K,
                ),
            ),
        }
    ),
    mirrors=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    classes=("お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を"),
    licence="CC BY-SA 4.0 (KMNIST Dataset, created by CODH; doi:10.20676/00000341)",
    citation=(
        "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep"
        " learning for classical Japanese literature. 2018. arXiv:1812.01718"
    ),
    homepage="http://codh.rois.ac.jp/kmnist/",
    notes=(
        "The one host published the files over http, without TLS; mnistry asks it over"
        " https only. Where that fails, fetch the four files by hand and give their"
        " folder with --from: their SHA-256 are pinned.",
        "The files changed on 2019-02-05; these are the later ones.",
    ),
)

QMNIST_COLUMNS = (  # of the labels file, after the class
    "series",  # of NIST's forms: 0, 1, 4
    "writer",
    "writer_digit",  # which of the writer's digits
    "nist_class",  # 30 to 39, the characters' ASCII codes in hexadecimal
    "nist_index",
    "duplicate",
    "unused",
)
_QMNIST_TEST = Split(
    images=File(
        "qmnist-test-images-idx3-ubyte.gz",
        "qmnist-test-images-idx3-ubyte",
        md5="1394631089c404de565df7b7aeaf9412",
        raw_size_bytes=IMAGES_60K,
    ),
    labels=gzipped(
        "qmnist-test-labels-idx2-int.gz",
        526_800,
        "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
        12 + 60_000 * 8 * 4,
    ),
    columns=QMNIST_COLUMNS,
)

QMNIST = Dataset(
    name="qmnist",
    title="QMNIST: MNIST made again, with writers and 50,000 more test images",
    splits=MappingProxyType(
        {
            "train": Split(
                images=File(
                    "qmnist-train-images-idx3-ubyte.gz",
                    "qmnist-train-images-idx3-ubyte",
                    md5="ed72d4157d28c017586c42bc6afe6370",
                    raw_size_bytes=IMAGES_60K,
                ),
                labels=gzipped(
                    "qmnist-train-labels-idx2-int.gz",
                    463_024,
                    "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
                    12 + 60_000 * 8 * 4,
                ),
                columns=QMNIST_COLUMNS,
            ),
            "test": _QMNIST_TEST,
            "test10k": Split(
                _QMNIST_TEST.images, _QMNIST_TEST.labels, (0, 10_000), QMNIST_COLUMNS
            ),
            "test50k": Split(
                _QMNIST_TEST.images,
                _QMNIST_TEST.labels,
                (10_000, 60_000),
                QMNIST_COLUMNS,
            ),
        }
    ),
    mirrors=("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
    classes=DIGITS,
    licence="BSD-style (Facebook)",
    citation=(
        "C. Yadav, L. Bottou: Cold case: the lost MNIST digits. NeurIPS 2019."
        " arXiv:1905.10498"
    ),
    homepage="https://github.com/facebookresearch/qmnist",
    notes=("Row i of train is row i of MNIST's: its columns name MNIST's writers.",),
)


def _usps(name: str, md5: str, split: str, count: int) -> Split:
    return Split(
        images=File(
            name,
            f"usps-{split}-images-idx3-ubyte",
            packing="libsvm-images",
            md5=md5,
            raw_size_bytes=16 + 16 * 16 * count,
        ),
        labels=File(
            name,
            f"usps-{split}-labels-idx1-ubyte",
            packing="libsvm-labels",
            md5=md5,
            raw_size_bytes=8 + count,
        ),
    )


USPS = Dataset(
    name="usps",
    title="USPS: 9,298 digits from envelopes, 16x16",
    splits=MappingProxyType(
        {
            "train": _usps(
                "usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197", "train", 7_291
            ),
            "test": _usps(
                "usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118", "test", 2_007
            ),
        }
    ),
    mirrors=("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
    classes=DIGITS,
    licence="none stated",
    citation=(
        "J. J. Hull: A database for handwritten text recognition research. IEEE"
        " Transactions on Pattern Analysis and Machine Intelligence 16(5):550-554,"
        " 1994."
        " doi:10.1109/34.291440"
    ),
    homepage="https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps",
)
