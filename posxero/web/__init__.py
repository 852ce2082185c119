"""What blueprints share: htmx, errors, security and sign-in."""
