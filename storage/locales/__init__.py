"""The texts of each language, one folder a language, and the vocabulary of skills."""
