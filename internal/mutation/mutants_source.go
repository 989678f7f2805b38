package main

// sourceMutants break the sources over what programs already emit.
var sourceMutants = []mutant{}
