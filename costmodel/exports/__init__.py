"""What the ledger becomes: HTML, CSV, Parquet, JSON."""
