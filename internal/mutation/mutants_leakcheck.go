package main

// leakcheckMutants break the leak checks.
var leakcheckMutants = []mutant{}
