// Package ginkgotest runs leakcheck in a Ginkgo suite.
package ginkgotest
