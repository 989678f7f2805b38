package leakcheck

// HeapSample is what the heap holds after a garbage collection.
type HeapSample struct {
	Objects uint64
	Bytes   uint64
}
