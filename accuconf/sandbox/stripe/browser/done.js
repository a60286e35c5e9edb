/* Tells the page below that the bank has its answer. */
parent.postMessage({ challengeDone: true }, "*");
