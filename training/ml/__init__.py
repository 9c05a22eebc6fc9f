"""Pure machine learning: LoRA training, merge, GGUF export, quantization, parity. No Django import in here."""
