"""One function a use case: authorise, load, decide (in the domain), record."""
