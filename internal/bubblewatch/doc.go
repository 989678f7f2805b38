// Package bubblewatch looks at a testing/synctest bubble from outside and says
// why it does not end.
//
// The runtime tells a bubble that is finished from one in which time may pass,
// and nothing else: a mutex held across a sleep, a spin or a read from a socket
// stops virtual time without a word. What a goroutine of the bubble does can be
// read in a dump, though, and what it needs follows from that. A [Watch] takes
// such dumps from a timer that was made outside the bubble. It costs the timer
// until it has something to say.
package bubblewatch
