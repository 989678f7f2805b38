package main

// artefactMutants break failure artefacts.
var artefactMutants = []mutant{}
