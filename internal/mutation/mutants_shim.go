package main

// shimMutants break the shims for goleak, gleak and testify.
var shimMutants = []mutant{}
