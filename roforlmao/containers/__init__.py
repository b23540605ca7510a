"""Container tools: the engine, images and the containers that run them."""
