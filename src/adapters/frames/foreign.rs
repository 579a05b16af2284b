//! Columns of a foreign Parquet file.
