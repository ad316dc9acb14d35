"""Measurements, as ratios within one run: `make bench`. Absolute milliseconds belong to the machine they were taken on."""
