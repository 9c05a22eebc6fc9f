"""Pages of samples, review and datasets: one module per room."""
