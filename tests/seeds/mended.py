"""What is changed in the documents' listings so that they run, and in ours to be quick.

Import lines change to mnistry's, as its users change them. The rest is what time or
typing errors broke.
"""

from collections.abc import Mapping

from tests.seeds.listings import Replacements

NOTHING = ""

MENDED: Mapping[str, Replacements] = {
    "load_and_plot": [
        (r"keras\.datasets", "mnistry.dropin.keras"),
        (r"^(?=pyplot\.(subplot|imshow))", "    "),  # the loop's body lost its indent
        (r"^\w_\w+: \([\s\S]*", NOTHING),  # what was printed
    ],
    "dense_network": [
        (r"tensorflow\.keras\.datasets", "mnistry.dropin.keras"),
        (r"tensorflow\.keras", "keras"),  # since Keras 3
        (r"import tensorflow as tf", NOTHING),  # nothing uses it
        (r"\blr=", "learning_rate="),  # since Keras 2.3
    ],
    "data_loader": [
        (r"import torchvision", "from mnistry.dropin import torchvision"),
        (r"dataLoader", "DataLoader"),
        (r"\bnex\(", "next("),
    ],
    "open_datasets": [
        (r"azureml\.opendatasets", "mnistry.dropin.azureml"),
        (r"^%.*", NOTHING),  # a notebook's line
        (r"(mount\(mount_point\)):(?=\s+print\(con)", r"\1 as context:"),  # never named
        (r"^display\((.*)\)$", r"print(\1.toPandas())"),  # a notebook's function
    ],
    "convolutional_network": [
        (r"^Layer \([\s\S]*", "from tests.seeds.network import *\n"),  # a summary alone
        (r"(\w+)Out\[\d+\][\s\S]*", r"\1"),  # what a notebook showed
        (r"^array\([\s\S]*", NOTHING),
        (r"\)(Random |Epoch )[\s\S]*", ")"),
        (r"\)\d+/\d+ .*?/step", ")\n"),
        (r"(?<=[)0])(?=print\(|for \w+, |plot = )", "\n"),  # lines run together
        (
            r"^y_train = to_categorical\(y = y_train(.*)",
            r"y_testClasses = y_test"
            r"\ny_train = to_categorical(y_train\1)"  # `x` in Keras 3; a lost bracket
            r"\ny_test = to_categorical(y_test\1)"  # only described in words
            r"\ny_train[0]",
        ),
        # gone since Keras 2.6
        (r"model\.predict_classes\((\w+)\)", r"np.argmax(model.predict(\1), axis=1)"),
    ],
}

EPOCHS = (r"epochs ?= ?10\b", "epochs=1")
FEW = [
    (r"\.(fit|evaluate)\((\w+), (\w+)", r".\1(\2[:2000], \3[:2000]"),
    (r"\.predict\((\w+)\)", r".predict(\1[:2000])"),
]
AZURE = r"https://\w+\.blob\.core\.windows\.net/mnist"  # the folder of files instead

SHORTER: Mapping[str, Replacements] = {
    "dense_network": FEW,
    "convolutional_network": [EPOCHS, *FEW],
}
