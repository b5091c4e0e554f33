"""One file for each thing a reader does. A handler reads a Talk, calls the library's use cases and says the answer."""
