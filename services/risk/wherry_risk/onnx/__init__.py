"""Model packages: a manifest and an ONNX graph become a model behind the common interface."""
