"""Pure rules: no database, no network, no clock. Standard library and phonenumbers only."""
