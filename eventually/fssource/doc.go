package fssource
