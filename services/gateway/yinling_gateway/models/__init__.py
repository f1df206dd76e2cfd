"""The JSON of the API: types and descriptions. Rules of length and range live in the protos and are enforced there."""
