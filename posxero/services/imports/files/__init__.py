"""Import customers from a CSV file: upload it, match its columns, then the steps of any import.

`uploads` keeps the file in the database and `imports.start` starts the import; a worker reads it (`reading`,
`repeating`), compares its rows with the customers that are here (`known`, `comparing`, `matching`), adds and updates
(`adding`, `updating`). `undo_rules` and `restoring` undo that.
"""
