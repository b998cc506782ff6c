"""MNIST as Azure Open Datasets gives it: tables, files, a mount; pandas and Spark."""

import gzip
import os
import struct
import tempfile
import urllib.request

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mnistry.dropin.azureml import MNIST

# As data frames
everything = MNIST.get_tabular_dataset().to_pandas_dataframe()
everything.info()

learn = MNIST.get_tabular_dataset(dataset_filter="train").to_pandas_dataframe()
x = learn.drop("label", axis=1).astype(int).values / 255
y = learn.filter(items=["label"]).astype(int).values
exam = MNIST.get_tabular_dataset(dataset_filter="test").to_pandas_dataframe()
x_new = exam.drop("label", axis=1).astype(int).values / 255
y_new = exam.filter(items=["label"]).astype(int).values
print(x.shape, y.shape, x_new.shape, y_new.shape)

# Thirty of them in a row
plt.figure(figsize=(16, 6))
thirty = np.random.permutation(len(x))[:30]
for column, row in enumerate(thirty, start=1):
    plt.subplot(1, len(thirty), column)
    plt.axhline("")  # type: ignore[arg-type]
    plt.axvline("")  # type: ignore[arg-type]
    plt.text(x=10, y=-10, s=y[row], fontsize=18)
    square = x[row].reshape(28, 28)
    plt.imshow(square, cmap=plt.cm.Greys)
plt.show()

# As files: paths, copies, a mount
files = MNIST.get_file_dataset()
print(files.to_path())
copies = tempfile.mkdtemp()
paths = files.download(copies, overwrite=True)


def unpacked(file: str, has_labels: bool = False) -> pd.DataFrame:
    with gzip.open(file) as inside:
        inside.read(4)
        (count,) = struct.unpack(">I", inside.read(4))
        if not has_labels:
            (rows,) = struct.unpack(">I", inside.read(4))
            (columns,) = struct.unpack(">I", inside.read(4))
            pixels = inside.read(count * rows * columns)
            table = np.frombuffer(pixels, dtype=np.uint8)
            table = table.reshape(count, rows * columns)
        else:
            table = np.frombuffer(inside.read(count), dtype=np.uint8)
            table = table.reshape(count, 1)
    return pd.DataFrame(table)


point = tempfile.mkdtemp()
print(os.path.exists(point))
with files.mount(point):
    print(os.listdir(point))
    (images,) = (p for p in paths if p.endswith("train-images-idx3-ubyte.gz"))
    unpacked(images).info()

# The four files by their addresses, unpacked by hand
place = os.path.join(os.getcwd(), "data")
os.makedirs(place, exist_ok=True)
to = os.path.join(place, "train-images.gz")
urllib.request.urlretrieve(
    "https://azureopendatastorage.blob.core.windows.net/mnist/train-images-idx3-ubyte.gz",
    filename=to,
)
to = os.path.join(place, "train-labels.gz")
urllib.request.urlretrieve(
    "https://azureopendatastorage.blob.core.windows.net/mnist/train-labels-idx1-ubyte.gz",
    filename=to,
)
to = os.path.join(place, "test-images.gz")
urllib.request.urlretrieve(
    "https://azureopendatastorage.blob.core.windows.net/mnist/t10k-images-idx3-ubyte.gz",
    filename=to,
)
to = os.path.join(place, "test-labels.gz")
urllib.request.urlretrieve(
    "https://azureopendatastorage.blob.core.windows.net/mnist/t10k-labels-idx1-ubyte.gz",
    filename=to,
)


def numbers(file: str, has_labels: bool) -> np.ndarray:
    with gzip.open(file) as inside:
        struct.unpack("I", inside.read(4))
        (count,) = struct.unpack(">I", inside.read(4))
        if not has_labels:
            (rows,) = struct.unpack(">I", inside.read(4))
            (columns,) = struct.unpack(">I", inside.read(4))
            pixels = inside.read(count * rows * columns)
            table = np.frombuffer(pixels, dtype=np.uint8)
            return table.reshape(count, rows * columns)
        table = np.frombuffer(inside.read(count), dtype=np.uint8)
        return table.reshape(count, 1)


x = numbers(os.path.join(place, "train-images.gz"), has_labels=False) / 255
x_new = numbers(os.path.join(place, "test-images.gz"), has_labels=False) / 255
labels = numbers(os.path.join(place, "train-labels.gz"), has_labels=True)
labels = labels.reshape(-1)
labels_new = numbers(os.path.join(place, "test-labels.gz"), has_labels=True)
labels_new = labels_new.reshape(-1)
print(x.shape, labels.shape, x_new.shape, labels_new.shape)

plt.figure(figsize=(16, 6))
thirty = np.random.permutation(len(x))[:30]
for column, row in enumerate(thirty, start=1):
    plt.subplot(1, len(thirty), column)
    plt.axhline("")  # type: ignore[arg-type]
    plt.axvline("")  # type: ignore[arg-type]
    plt.text(x=10, y=-10, s=labels[row], fontsize=18)
    square = x[row].reshape(28, 28)
    plt.imshow(square, cmap=plt.cm.Greys)
plt.show()

# The same for Spark
print(MNIST.get_tabular_dataset().to_spark_dataframe().limit(5).toPandas())

files = MNIST.get_file_dataset()
print(files.to_path())
copies = tempfile.mkdtemp()
files.download(copies, overwrite=True)
point = tempfile.mkdtemp()
print(os.path.exists(point))
print(os.listdir(point))
with files.mount(point):
    print(os.listdir(point))
    unpacked(os.path.join(point, "train-images-idx3-ubyte.gz")).info()
