"""One application, ``FUNCTIONS`` functions large, as each tool has it. A file is run as a process of its own."""
