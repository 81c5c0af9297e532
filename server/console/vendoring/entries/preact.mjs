import { h } from "preact";
import htm from "htm";
export { h, render, Fragment, Component, createRef } from "preact";
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useReducer, useErrorBoundary } from "preact/hooks";
export const html = htm.bind(h);
