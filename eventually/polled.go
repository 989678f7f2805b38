package eventually

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// File is a polled Source: it changes when the file at path appears, disappears,
// or gets another size, mode, modification time or identity. A condition that
// reads the file is looked at again only then. While the file is younger than
// three seconds every poll counts as a change: the times that file systems keep
// are coarse, and two writes of equal length may bear the same one.
//
//	config := eventually.File(path)
//	eventually.Until(t, "the config is written", config.Exists, eventually.On(config))
func File(path string) *FileSource { return &FileSource{path: path} }

// FileSource is the Source made by File. A FileSource is used by one wait at a
// time.
type FileSource struct {
	path   string
	looked bool
	last   fs.FileInfo
}

// Notify implements Source; nothing notifies of a file.
func (s *FileSource) Notify(chan<- struct{}) (stop func()) {
	s.looked = false
	return func() {}
}

// Poll implements Polled.
func (s *FileSource) Poll() (changed bool) {
	now, err := os.Stat(s.path)
	if err != nil {
		now = nil
	}
	changed = !s.looked || !sameFile(s.last, now) || now != nil && time.Since(now.ModTime()) < coarse
	s.looked, s.last = true, now
	return changed
}

// coarse is more than the coarsest step of a file's time in use, the two seconds
// of FAT.
const coarse = 3 * time.Second

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}

// Exists reports whether there is something at the path now.
func (s *FileSource) Exists() bool {
	_, err := os.Stat(s.path)
	return err == nil
}

// String names the file in reports.
func (s *FileSource) String() string { return "file " + s.path }

// dialLimit bounds one attempt to connect, so that a port behind a filter that
// swallows packets cannot hold up a wait.
const dialLimit = 250 * time.Millisecond

// Port is a polled Source for a port on which another program is to listen. A
// network is as for net.Dial, for instance "tcp" or "unix". It changes when
// connecting begins or ceases to succeed; each attempt connects and hangs up.
//
//	server := eventually.Port("tcp", "127.0.0.1:8080")
//	eventually.Until(t, "the server listens", server.Listening, eventually.On(server))
func Port(network, address string) *PortSource {
	return &PortSource{network: network, address: address}
}

// PortSource is the Source made by Port. Listening may be called from any
// goroutine; otherwise a PortSource is used by one wait at a time.
type PortSource struct {
	network, address string
	looked           bool
	last             bool
	reason           atomic.Pointer[string]
}

// Notify implements Source; nothing notifies of a port.
func (s *PortSource) Notify(chan<- struct{}) (stop func()) {
	s.looked = false
	return func() {}
}

// Poll implements Polled.
func (s *PortSource) Poll() (changed bool) {
	now := s.Listening()
	changed = !s.looked || now != s.last
	s.looked, s.last = true, now
	return changed
}

// Listening connects once and reports whether that succeeded.
func (s *PortSource) Listening() bool {
	c, err := net.DialTimeout(s.network, s.address, dialLimit)
	if err != nil {
		text := err.Error()
		s.reason.Store(&text)
		return false
	}
	s.reason.Store(nil)
	c.Close()
	return true
}

// String names the port in reports, with why the last attempt failed.
func (s *PortSource) String() string {
	if r := s.reason.Load(); r != nil {
		return fmt.Sprintf("port %s: %s", s.address, *r)
	}
	return "port " + s.address
}
