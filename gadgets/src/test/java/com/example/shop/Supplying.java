package com.example.shop;

import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;

/** Answers each call with what a bean says. */
@SuppressWarnings("serial")
public final class Supplying implements InvocationHandler, Serializable {
    private Alarm bean;

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
        return bean.getRung();
    }
}
