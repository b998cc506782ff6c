"""Azure Open Datasets' page on MNIST, its listings in their order.

The import line was `from azureml.opendatasets import MNIST`.
Mended: `%matplotlib inline`, a notebook's line, left out; what a notebook shows (the
value of a cell's last line, Databricks' `display`) is printed; the Databricks listing
uses a `context` that its `with` never named. SEED_SOURCE takes the place of the web
address of the storage account.
"""

import os

# === Azure notebooks
# --- the complete data set as a data frame
from mnistry.dropin.azureml import MNIST

mnist = MNIST.get_tabular_dataset()
mnist_df = mnist.to_pandas_dataframe()
mnist_df.info()

# --- train and test
mnist_train = MNIST.get_tabular_dataset(dataset_filter="train")
mnist_train_df = mnist_train.to_pandas_dataframe()
X_train = mnist_train_df.drop("label", axis=1).astype(int).values / 255.0
y_train = mnist_train_df.filter(items=["label"]).astype(int).values

mnist_test = MNIST.get_tabular_dataset(dataset_filter="test")
mnist_test_df = mnist_test.to_pandas_dataframe()
X_test = mnist_test_df.drop("label", axis=1).astype(int).values / 255.0
y_test = mnist_test_df.filter(items=["label"]).astype(int).values
print(X_train.shape, y_train.shape, X_test.shape, y_test.shape)

# --- some images
import numpy as np
import matplotlib.pyplot as plt

count = 0
sample_size = 30
plt.figure(figsize=(16, 6))
for i in np.random.permutation(X_train.shape[0])[:sample_size]:
    count = count + 1
    plt.subplot(1, sample_size, count)
    plt.axhline("")
    plt.axvline("")
    plt.text(x=10, y=-10, s=y_train[i], fontsize=18)
    plt.imshow(X_train[i].reshape(28, 28), cmap=plt.cm.Greys)
plt.show()

# --- the files
mnist_file = MNIST.get_file_dataset()
print(mnist_file)

print(mnist_file.to_path())

# --- downloaded
import os
import tempfile

data_folder = tempfile.mkdtemp()
data_paths = mnist_file.download(data_folder, overwrite=True)
print(data_paths)

# --- mounted
import gzip
import struct
import pandas as pd
import numpy as np


def load_data(filename, label=False):
    with gzip.open(filename) as gz:
        gz.read(4)
        n_items = struct.unpack(">I", gz.read(4))
        if not label:
            n_rows = struct.unpack(">I", gz.read(4))[0]
            n_cols = struct.unpack(">I", gz.read(4))[0]
            res = np.frombuffer(gz.read(n_items[0] * n_rows * n_cols), dtype=np.uint8)
            res = res.reshape(n_items[0], n_rows * n_cols)
        else:
            res = np.frombuffer(gz.read(n_items[0]), dtype=np.uint8)
            res = res.reshape(n_items[0], 1)
    return pd.DataFrame(res)


import sys

mount_point = tempfile.mkdtemp()
print(mount_point)
print(os.path.exists(mount_point))

if sys.platform == "linux":
    print("start mounting....")
    with mnist_file.mount(mount_point):
        print("list dir...")
        print(os.listdir(mount_point))
        print("get the dataframe info of mounted data...")
        train_images_df = load_data(
            next(
                path
                for path in data_paths
                if path.endswith("train-images-idx3-ubyte.gz")
            )
        )
        print(train_images_df.info())

# === Azure storage
# --- the four files by their addresses
import urllib.request
import os

source = os.environ.get(
    "SEED_SOURCE", "https://azureopendatastorage.blob.core.windows.net/mnist"
)
data_folder = os.path.join(os.getcwd(), "data")
os.makedirs(data_folder, exist_ok=True)

urllib.request.urlretrieve(
    f"{source}/train-images-idx3-ubyte.gz",
    filename=os.path.join(data_folder, "train-images.gz"),
)
urllib.request.urlretrieve(
    f"{source}/train-labels-idx1-ubyte.gz",
    filename=os.path.join(data_folder, "train-labels.gz"),
)
urllib.request.urlretrieve(
    f"{source}/t10k-images-idx3-ubyte.gz",
    filename=os.path.join(data_folder, "test-images.gz"),
)
urllib.request.urlretrieve(
    f"{source}/t10k-labels-idx1-ubyte.gz",
    filename=os.path.join(data_folder, "test-labels.gz"),
)

# --- parsed by hand
import gzip
import struct


def load_data(filename, label=False):
    with gzip.open(filename) as gz:
        struct.unpack("I", gz.read(4))
        n_items = struct.unpack(">I", gz.read(4))
        if not label:
            n_rows = struct.unpack(">I", gz.read(4))[0]
            n_cols = struct.unpack(">I", gz.read(4))[0]
            res = np.frombuffer(gz.read(n_items[0] * n_rows * n_cols), dtype=np.uint8)
            res = res.reshape(n_items[0], n_rows * n_cols)
        else:
            res = np.frombuffer(gz.read(n_items[0]), dtype=np.uint8)
            res = res.reshape(n_items[0], 1)
    return res


X_train = load_data(os.path.join(data_folder, "train-images.gz"), False) / 255.0
X_test = load_data(os.path.join(data_folder, "test-images.gz"), False) / 255.0
y_train = load_data(os.path.join(data_folder, "train-labels.gz"), True).reshape(-1)
y_test = load_data(os.path.join(data_folder, "test-labels.gz"), True).reshape(-1)
print(X_train.shape, y_train.shape, X_test.shape, y_test.shape)

count = 0
sample_size = 30
plt.figure(figsize=(16, 6))
for i in np.random.permutation(X_train.shape[0])[:sample_size]:
    count = count + 1
    plt.subplot(1, sample_size, count)
    plt.axhline("")
    plt.axvline("")
    plt.text(x=10, y=-10, s=y_train[i], fontsize=18)
    plt.imshow(X_train[i].reshape(28, 28), cmap=plt.cm.Greys)
plt.show()

# === Azure Databricks
# --- the complete data set as a Spark data frame
from mnistry.dropin.azureml import MNIST

mnist = MNIST.get_tabular_dataset()
mnist_df = mnist.to_spark_dataframe()

display = lambda frame: print(frame.toPandas())
display(mnist_df.limit(5))

# --- the files
mnist_file = MNIST.get_file_dataset()
print(mnist_file)

print(mnist_file.to_path())

# --- downloaded
import os
import tempfile

mount_point = tempfile.mkdtemp()
mnist_file.download(mount_point, overwrite=True)

# --- mounted
import gzip
import struct
import pandas as pd
import numpy as np


def load_data(filename, label=False):
    with gzip.open(filename) as gz:
        gz.read(4)
        n_items = struct.unpack(">I", gz.read(4))
        if not label:
            n_rows = struct.unpack(">I", gz.read(4))[0]
            n_cols = struct.unpack(">I", gz.read(4))[0]
            res = np.frombuffer(gz.read(n_items[0] * n_rows * n_cols), dtype=np.uint8)
            res = res.reshape(n_items[0], n_rows * n_cols)
        else:
            res = np.frombuffer(gz.read(n_items[0]), dtype=np.uint8)
            res = res.reshape(n_items[0], 1)
    return pd.DataFrame(res)


import sys

mount_point = tempfile.mkdtemp()
print(mount_point)
print(os.path.exists(mount_point))
print(os.listdir(mount_point))

if sys.platform == "linux":
    print("start mounting....")
    with mnist_file.mount(mount_point) as context:
        print(context.mount_point)
        print(os.listdir(mount_point))
        train_images_df = load_data(
            os.path.join(mount_point, "train-images-idx3-ubyte.gz")
        )
        print(train_images_df.info())
