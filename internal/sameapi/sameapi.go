// Package sameapi compares what two packages export: a package that stands in
// for another one must have its names and signatures, and no others, or code
// could not be moved from one to the other and back.
package sameapi

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Differences loads two packages by their import paths, as the module of the
// working directory sees them, and returns one line for each exported name of
// which they have different notions. The names of parameters do not count, nor
// what a type does not export.
func Differences(a, b string) ([]string, error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadTypes}, a, b)
	if err != nil {
		return nil, err
	}
	shapes := map[string]map[string]string{}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("package %s: %w", p.PkgPath, p.Errors[0])
		}
		shapes[p.PkgPath] = exports(p.Types)
	}
	for _, path := range []string{a, b} {
		if len(shapes[path]) == 0 {
			return nil, fmt.Errorf("package %s exports nothing; a comparison would prove nothing", path)
		}
	}
	return compare(a, shapes[a], b, shapes[b]), nil
}

func compare(a string, inA map[string]string, b string, inB map[string]string) []string {
	var lines []string
	names := map[string]bool{}
	for name := range inA {
		names[name] = true
	}
	for name := range inB {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch x, y := inA[name], inB[name]; {
		case x == y:
		case x == "":
			lines = append(lines, fmt.Sprintf("%s is missing in %s; in %s it is %s", name, a, b, y))
		case y == "":
			lines = append(lines, fmt.Sprintf("%s is missing in %s; in %s it is %s", name, b, a, x))
		default:
			lines = append(lines, fmt.Sprintf("%s is %s in %s, and %s in %s", name, x, a, y, b))
		}
	}
	return lines
}

// exports describes each exported name of a package, and each exported field and
// method of its types.
func exports(p *types.Package) map[string]string {
	d := describer{own: p, out: map[string]string{}}
	for _, name := range p.Scope().Names() {
		if o := p.Scope().Lookup(name); o.Exported() {
			d.object(o)
		}
	}
	return d.out
}

type describer struct {
	own *types.Package
	out map[string]string
}

func (d describer) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		d.out[o.Name()] = "const " + d.text(o.Type()) + " = " + o.Val().ExactString()
	case *types.Var:
		d.out[o.Name()] = "var " + d.text(o.Type())
	case *types.Func:
		d.out[o.Name()] = d.text(o.Type())
	case *types.TypeName:
		if o.IsAlias() {
			d.out[o.Name()] = "alias of " + d.text(types.Unalias(o.Type()))
			return
		}
		d.named(o.Name(), o.Type().(*types.Named))
	}
}

func (d describer) named(name string, t *types.Named) {
	var methods types.Type = types.NewPointer(t)
	d.out[name] = "type " + d.text(t.Underlying())
	switch under := t.Underlying().(type) {
	case *types.Struct:
		d.out[name] = "type struct"
		for f := range under.Fields() {
			if f.Exported() {
				d.out[name+"."+f.Name()] = "field " + d.text(f.Type())
			}
		}
	case *types.Interface:
		d.out[name] = "type interface"
		for m := range under.Methods() {
			if !m.Exported() {
				d.out[name] = "type interface that others cannot implement"
			}
		}
		methods = t
	}
	set := types.NewMethodSet(methods)
	for i := range set.Len() {
		if m := set.At(i).Obj(); m.Exported() {
			d.out[name+"."+m.Name()] = d.text(m.Type())
			if _, isPointer := methods.(*types.Pointer); isPointer && types.NewMethodSet(t).Lookup(m.Pkg(), m.Name()) == nil {
				d.out[name+"."+m.Name()] += " of the pointer"
			}
		}
	}
}

// text renders a type without the names of parameters, and with types of the
// package itself by their bare names.
func (d describer) text(t types.Type) string {
	if s, ok := t.(*types.Signature); ok {
		t = types.NewSignatureType(nil, nil, nil, d.nameless(s.Params()), d.nameless(s.Results()), s.Variadic())
	}
	text := types.TypeString(t, func(p *types.Package) string {
		if p == d.own {
			return ""
		}
		return p.Path()
	})
	return strings.ReplaceAll(text, "interface{}", "any")
}

func (d describer) nameless(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		inner := v.Type()
		if s, ok := inner.(*types.Signature); ok {
			inner = types.NewSignatureType(nil, nil, nil, d.nameless(s.Params()), d.nameless(s.Results()), s.Variadic())
		}
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", inner))
	}
	return types.NewTuple(vars...)
}
