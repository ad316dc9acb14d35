"""Who gets a lead, and why: rules, turns by weight, room by working time, and the promise of a first contact."""
