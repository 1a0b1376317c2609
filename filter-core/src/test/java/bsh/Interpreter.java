package bsh;

import java.io.Serializable;

/** Has the name of a class that is known from attacks. */
@SuppressWarnings("serial")
public class Interpreter implements Serializable {}
