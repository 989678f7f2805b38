// Package fssource makes changes of files and directories events that a test can
// wait for, by what the operating system reports through
// github.com/fsnotify/fsnotify.
//
//	files := fssource.Watch(t, dir)  // record first
//	go export(dir)                   // act second
//	eventually.Event(t, "the report is there", files.Recorder, fssource.Seen("report.json", fssource.Created)) // wait third
//
// # When to use it
//
// Where a component's only sign of life is a file. [Watch] takes a directory, or
// a file that need not exist yet; [Recursive] includes the directories below,
// also those made later. A program that writes a temporary file and renames it
// is seen: the new name is [Created]. For a condition on what a file contains give
// the Source itself: eventually.On(files).
//
// # What is guaranteed
//
// From the return of Watch on, every change that the system reports is recorded,
// in the order in which it was reported, before the waits it wakes look. What
// the system loses is not hidden: an overflow of its queue is recorded as
// [Overflow], named in reports, and fails the test when it ends. A directory that
// appears below a recursive watch is searched, so that files which were there
// before it could be watched are reported too; one may then be reported twice.
// One that is renamed is reported, with what is in it, under its new name. When
// the test ends the watch ends, and nothing of it is left running.
//
// # What it does not do
//
// It says that something was written, not that the writer is done: rename into
// place, or wait for what the file contains. Several writes may come as one, and
// one as several. Events come from the kernel after the fact, so that none has
// come yet proves nothing. It does not work in synctest bubbles, whose time does
// not pass while a goroutine waits for the system, nor on network file systems
// and others without notification; where the system has none at all, or its
// limit of watches is reached, Watch fails the test and says what to do.
// eventually.File polls and works everywhere.
package fssource
