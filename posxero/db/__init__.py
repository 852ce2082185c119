"""Tables, engines and migrations. Import a model from the module of its noun."""
