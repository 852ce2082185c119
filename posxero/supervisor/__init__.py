"""`posxero start`: every process of a shop under one parent, begun and ended in order."""
