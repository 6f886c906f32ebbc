"""The pure rules of the product: no I/O, no clock of their own, nothing of ours imported from above."""
