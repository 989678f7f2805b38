package manual

import (
	"testing"

	"github.com/sleepless-go/sleepless/eventually"
)

type order struct {
	ID    int
	State string
}

func TestRecorder(t *testing.T) {
	// snippet:begin recorder
	orders := eventually.NewRecorder[order](t) // before the action
	go func() {
		orders.Emit(order{1, "paid"})
		orders.Emit(order{2, "paid"})
		orders.Emit(order{1, "shipped"})
	}()
	paid := eventually.Event(t, "any order is paid", orders, func(o order) bool { return o.State == "paid" })
	eventually.EventLike(t, "it is shipped", orders, order{ID: paid.ID, State: "shipped"})
	// snippet:end recorder
}

func TestInOrder(t *testing.T) {
	orders := eventually.NewRecorder[order](t)
	go func() {
		orders.Emit(order{1, "paid"})
		orders.Emit(order{2, "paid"})
		orders.Emit(order{1, "shipped"})
	}()
	// snippet:begin inorder
	is := func(id int, state string) func(order) bool {
		return func(o order) bool { return o.ID == id && o.State == state }
	}
	eventually.InOrder(t, "order 1 is paid, then shipped", orders,
		[]func(order) bool{is(1, "paid"), is(1, "shipped")})
	// snippet:end inorder
}

func TestMarks(t *testing.T) {
	orders := eventually.NewRecorder[order](t)
	orders.Emit(order{1, "paid"})
	// snippet:begin marks
	before := orders.Mark()
	orders.Emit(order{2, "paid"})
	eventually.Event(t, "a payment after the mark", orders,
		func(o order) bool { return o.State == "paid" && o.ID == 2 }, eventually.After(before))
	if n := len(orders.Since(before)); n != 1 {
		t.Errorf("%d events since the mark, want 1", n)
	}
	// snippet:end marks
}

func TestStrict(t *testing.T) {
	// snippet:begin strict
	orders := eventually.NewRecorder[order](t).Strict()
	orders.Emit(order{1, "paid"})
	orders.Emit(order{1, "audited"})
	eventually.Event(t, "it is paid", orders, func(o order) bool { return o.State == "paid" })
	orders.Skip() // without this line the test fails: 1 event not consumed: {ID:1 State:audited}
	// snippet:end strict
}
