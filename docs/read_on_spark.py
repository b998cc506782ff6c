"""Read all pictures below a folder on a Spark cluster, into Parquet.

    spark-submit --master spark://HOST:7077 docs/read_on_spark.py FOLDER OUT

Every machine needs mnistry with its extra `spark`, and sees both folders.
"""

import sys

from pyspark.sql import SparkSession

from mnistry.bulk.spark import read_pictures

if __name__ == "__main__":
    folder, out = sys.argv[1:]
    session = SparkSession.builder.appName("mnistry").getOrCreate()
    pictures = session.read.format("binaryFile").option("recursiveFileLookup", "true")
    read_pictures(pictures.load(folder)).write.parquet(out)
    session.stop()
