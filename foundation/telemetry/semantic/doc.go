// Package semantic holds the shared events: those whose meaning does not belong
// to one component, so that dashboards and tests can ask "which service
// failed?" without knowing its package.
//
// Use it for services, background operations, external resources and one-off
// metrics that have no component of their own. Components such as a cache
// declare their own events, which say more.
//
// A [Reporter] binds all of them to one sink:
//
//	r := semantic.NewReporter(bus, semantic.Options{Instance: "billing"})
//	r.ServiceStarted(ctx, "billing")
//	err := r.Async(ctx, "invoice.send", send) // started, then completed or failed
//
// The reporter guarantees that Async and Acquire announce exactly one end for
// every beginning, and numbers what it reports (Commit.Seq). Reporting after
// the fact, and outside locks, is the caller's part. With nobody listening a
// report costs two atomic operations; Async and Acquire read the clock besides.
//
// It stamps no time and adds no host name: the handlers that export events know
// both.
package semantic
