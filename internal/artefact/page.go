package artefact

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	page = template.Must(template.New("page").Parse(pageHTML))
)

// Page renders f as one HTML file that needs nothing else, no network either.
//
// Everything about the failure reaches the page as JSON, in which package json
// writes <, > and & as escapes, and the script of the page shows it as text and
// never as markup. So no text of a test can become part of the page's code.
// Without a script the page shows the report.
func Page(f *Failure) ([]byte, error) {
	data, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Title, Text string
		CSS         template.CSS
		JS, Data    template.JS
	}{f.What, f.Text, template.CSS(pageCSS), template.JS(pageJS), template.JS(data)})
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
