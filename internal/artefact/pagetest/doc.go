// Package pagetest looks at the page of a failed wait in a browser.
//
// Its tests are a package of their own because they need Chromium and take
// seconds. Without a browser they are skipped, and fail where CI=true.
package pagetest
