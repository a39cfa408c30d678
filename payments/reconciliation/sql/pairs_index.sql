-- All the pairs that the rules and the persons want: they are looked up by movement from here on.
CREATE INDEX ON recon_pair (movement_id);
ANALYZE recon_pair
