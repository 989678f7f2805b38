package main

// benbclockMutants break the adapters to and from benbjohnson/clock.
var benbclockMutants = []mutant{}
