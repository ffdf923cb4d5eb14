"""What rows look like to programs: each field of the API, of pages' JSON and of events, once.
`fields` says how a shape is declared; `represent` puts a row into it."""
