/// <reference path="./monaco-view-line.d.ts" />
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/register.all'
import * as editorApi from 'monaco-editor/editor'
import { ViewLine } from 'monaco-editor/editor/browser/viewParts/viewLines/viewLine'
import { json, typescript } from 'monaco-editor/languages/features/register.all'

/** Everything heavy of Monaco, in one chunk that is loaded after the page has painted. */
export const monaco = editorApi
export const languageFeatures = { json, typescript }
export const lineOnPage = ViewLine.prototype
