"""What the DNA contributes: one genetic anchor a species."""
