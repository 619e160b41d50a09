"""Spark in this process, for the definitions that DuckDB runs too: needs Java 17 and the extra `footfall[spark]`.

It reads Parquet files, from the lake or elsewhere; it holds no formula. pyspark is imported late.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from footfall.errors import Unavailable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "STRING",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.list_(pa.string()): "ARRAY<STRING>",
}

_SETTINGS: Mapping[str, str] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    # Overflow and division by zero are errors, as on DuckDB; a definition says `nullif` where it means null.
    "spark.sql.ansi.enabled": "true",
    # A project named 007 is text; so is a day.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}

_FUNCTIONS = (
    "json_valid(document STRING) RETURNS BOOLEAN RETURN document IS NOT NULL",
    """json_extract_string(document STRING, path STRING) RETURNS STRING
    RETURN get_json_object(document, regexp_replace(path, '[.]"([^"]*)"', "['$1']"))""",
)
"""DuckDB's functions that definitions name, in Spark's own; what is no JSON has nothing at any path there."""


class Spark:
    """One local Spark session, on loopback only; a process has one at a time. Use it as a context manager.

    `threads` is the number of local executors' threads, `memory` the Java heap ("1g").
    Raises `errors.Unavailable` when pyspark or Java is missing.
    """

    def __init__(self, *, threads: int = 2, memory: str = "1g") -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="footfall-spark-")
        self._session = _start(threads, memory, Path(self._scratch.name))
        for function in _FUNCTIONS:
            self._session.sql(f"CREATE TEMPORARY FUNCTION {function}")
        self._ibis = ibis.pyspark.connect(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the session and remove what it wrote."""
        self._session.stop()
        self._scratch.cleanup()

    def register(self, name: str, files: Sequence[Path], schema: pa.Schema, *, root: Path | None = None) -> ir.Table:
        """The rows of Parquet `files` under the table `name`, with the columns of `schema`.

        `root` is the table's folder where some columns stand in the folders' names (`project_id=…`) only.
        """
        from pyspark.sql.types import StructType

        columns = ", ".join(f"`{field.name}` {_TYPES[field.type]}" for field in schema)
        if files:
            reader = self._session.read if root is None else self._session.read.option("basePath", str(root))
            rows: DataFrame = reader.parquet(*map(str, files)).to(StructType.fromDDL(columns))
        else:
            rows = self._session.createDataFrame([], columns)
        rows.createOrReplaceTempView(name)
        return self._ibis.table(name)

    def run(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression over registered tables, with the expression's own types."""
        rows: pa.Table = self._session.sql(self._ibis.compile(expression)).toArrow()
        return rows.cast(expression.schema().to_pyarrow())


def _start(threads: int, memory: str, scratch: Path) -> SparkSession:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Unavailable("Spark is not installed; `pip install footfall[spark]` installs it") from error
    builder = SparkSession.builder.master(f"local[{threads}]").appName("footfall")
    folders = {"spark.sql.warehouse.dir": str(scratch / "warehouse"), "spark.local.dir": str(scratch)}
    for name, value in {**_SETTINGS, **folders, "spark.driver.memory": memory}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise Unavailable("Spark did not start; it needs Java 17 (`java -version`)") from error
