package dev.holdfast.affinity;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/** Lets go of request and response when asynchronous processing ends: the container uses both again. */
record CloseAfterAsync(ResponseCookie cookie) implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
        cookie.close();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // An error dispatch or the application may still answer; onComplete follows.
    }

    @Override
    public void onError(AsyncEvent event) {
        // As for onTimeout.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }
}
