"""What is printed or drawn around numbers: boxes, combs, frames, rings."""
