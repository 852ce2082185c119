"""Businesses and their people: users, invitations, sign-ins, passwords and the security log."""
