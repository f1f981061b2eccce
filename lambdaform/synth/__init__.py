"""Stack → assembly: the template, and the archives of code that it names."""
