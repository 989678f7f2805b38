package main

// bubbleMutants break Bubble and its watchdog.
var bubbleMutants = []mutant{}
