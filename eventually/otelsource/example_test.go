package otelsource_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/otelsource"
)

// placeOrder stands for the component under test.
func placeOrder(tracer trace.Tracer) {
	_, span := tracer.Start(context.Background(), "place order")
	span.SetAttributes(attribute.Int("items", 3))
	span.End()
}

func ExampleNewSpans() {
	t := exampleTest{} // *testing.T in a test
	// snippet:begin spans
	spans := otelsource.NewSpans(t)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))

	go placeOrder(provider.Tracer("shop"))

	order := eventually.Event(t, "the order is placed", spans.Recorder, otelsource.Ended("place order"))
	// snippet:end spans
	fmt.Println(order)
	// Output: ended "place order" {items=3}
}

func ExampleSpans_InFlight() {
	t := exampleTest{}
	spans := otelsource.SpansOf(t, "shop")
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("shop")
	_, span := tracer.Start(context.Background(), "checkout")
	fmt.Println(spans.InFlight())
	go span.End()
	eventually.Settle(t, spans.InFlight())
	fmt.Println(spans.InFlight())
	// Output:
	// otel spans of shop (1 open: checkout)
	// otel spans of shop (none open)
}

func ExampleWrapMeter() {
	t := exampleTest{}
	// snippet:begin meter
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	meter := otelsource.WrapMeter("shop", provider.Meter("shop"))
	orders := otelsource.NewMetric(reader, "orders")

	go count(meter) // takes a metric.Meter

	eventually.Until(t, "two orders are counted", func() bool { return orders.AtLeast(2) }, eventually.On(meter))
	// snippet:end meter
	fmt.Println(orders)
	// Output: otel sum orders = 2
}

func count(m metric.Meter) {
	orders, err := m.Int64Counter("orders")
	if err != nil {
		panic(err)
	}
	orders.Add(context.Background(), 2)
}

func ExampleNewMetric() {
	t := exampleTest{}
	reader := sdkmetric.NewManualReader()
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("shop") // out of our reach
	orders := otelsource.NewMetric(reader, "orders")
	go count(meter)
	eventually.Until(t, "two orders are counted", func() bool { return orders.AtLeast(2) }, eventually.On(orders)) // polled
	fmt.Println(orders)
	// Output: otel sum orders = 2
}

// exampleTest stands for the test that an example has not got.
type exampleTest struct{}

func (exampleTest) Helper()                           {}
func (exampleTest) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (exampleTest) FailNow()                          { panic("the example failed") }
