module github.com/sleepless-go/sleepless/eventually/fssource

go 1.26

require (
	github.com/fsnotify/fsnotify v1.10.1
	github.com/sleepless-go/sleepless v0.0.0
	go.uber.org/goleak v1.3.0
)

require golang.org/x/sys v0.46.0 // indirect

replace github.com/sleepless-go/sleepless => ../..
